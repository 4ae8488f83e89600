# Wordle. The state: the hidden word, how many guesses are left, whether it was found, the guesses.

# {word: 1, or 2 if a letter is in it twice}. A literal is folded at compile time, so that looking a word up costs next to nothing.
def words: {
"aback":2,"abate":2,"abbey":2,"abbot":2,"abide":1,"abode":1,"abort":1,"about":1,"above":1,"abuse":1,"abyss":2,"acorn":1,"acres":1,"acted":1,
"actor":1,"acute":1,"adapt":2,"added":2,"adept":1,"admin":1,"admit":1,"adobe":1,"adopt":1,"adore":1,"adorn":1,"adult":1,"affix":2,"after":1,
"again":2,"agent":1,"agile":1,"aging":2,"aglow":1,"agony":1,"agree":2,"ahead":2,"aided":2,"aimed":1,"aired":1,"aisle":1,"alarm":2,"album":1,
"alert":1,"algae":2,"alias":2,"alibi":2,"alien":1,"align":1,"alike":1,"alive":1,"alley":2,"allot":2,"allow":2,"alloy":2,"alone":1,"along":1,
"aloof":2,"aloud":1,"alpha":2,"altar":2,"alter":1,"amaze":2,"amber":1,"amble":1,"amend":1,"ample":1,"amuse":1,"angel":1,"anger":1,"angle":1,
"angry":1,"ankle":1,"annex":2,"annoy":2,"antic":1,"anvil":1,"apart":2,"apple":2,"apply":2,"apron":1,"aptly":1,"arena":2,"argue":1,"arise":1,
"armed":1,"armor":2,"aroma":2,"array":2,"arrow":2,"arson":1,"ashen":1,"ashes":2,"aside":1,"asked":1,"asset":2,"atlas":2,"attic":2,"audio":1,
"audit":1,"avert":1,"avoid":1,"await":2,"awake":2,"award":2,"aware":2,"awful":1,"awoke":1,"axiom":1,"bacon":1,"badge":1,"badly":1,"bagel":1,
"baggy":2,"baked":1,"baker":1,"balls":2,"bands":1,"banjo":1,"banks":1,"barge":1,"baron":1,"basic":1,"basil":1,"basin":1,"basis":2,"batch":1,
"bathe":1,"baths":1,"baton":1,"beach":1,"beads":1,"beams":1,"beans":1,"beard":1,"bears":1,"beast":1,"beech":2,"beefy":2,"beets":2,"began":1,
"begin":1,"begun":1,"being":1,"bells":2,"belly":2,"below":1,"belts":1,"bench":1,"berry":2,"berth":1,"beset":2,"bible":2,"bikes":1,"bills":2,
"binge":1,"bingo":1,"birch":1,"birds":1,"birth":1,"bison":1,"bites":1,"black":1,"blade":1,"blame":1,"bland":1,"blank":1,"blast":1,"blaze":1,
"bleak":1,"bleat":1,"bleed":2,"blend":1,"bless":2,"blimp":1,"blind":1,"blink":1,"bliss":2,"block":1,"blond":1,"blood":2,"bloom":2,"blown":1,
"blows":1,"blues":1,"bluff":2,"blunt":1,"blurb":2,"blurt":1,"blush":1,"board":1,"boast":1,"boats":1,"bogus":1,"bonds":1,"bones":1,"bonus":1,
"books":2,"boost":2,"booth":2,"boots":2,"bored":1,"borne":1,"botch":1,"bound":1,"bowed":1,"boxed":1,"boxer":1,"boxes":1,"brace":1,"braid":1,
"brain":1,"brake":1,"brand":1,"brass":2,"brave":1,"bread":1,"break":1,"breed":2,"bribe":2,"brick":1,"bride":1,"brief":1,"brine":1,"bring":1,
"brink":1,"brisk":1,"broad":1,"broil":1,"broke":1,"brook":2,"broom":2,"broth":1,"brown":1,"brush":1,"brute":1,"buddy":2,"budge":1,"buggy":2,
"build":1,"built":1,"bulbs":2,"bulge":1,"bulky":1,"bulls":2,"bully":2,"bumpy":1,"bunch":1,"bunny":2,"burns":1,"burnt":1,"burst":1,"buses":2,
"bushy":1,"butte":2,"buyer":1,"bylaw":1,"cabin":1,"cable":1,"cache":2,"cacti":2,"cadet":1,"cages":1,"cakes":1,"calls":2,"calms":1,"camel":1,
"camps":1,"canal":2,"candy":1,"canes":1,"canoe":1,"canon":2,"caper":1,"cards":1,"cared":1,"cargo":1,"carol":1,"carry":2,"carts":1,"carve":1,
"cases":2,"casts":2,"catch":2,"cater":1,"cause":1,"caves":1,"cease":2,"cedar":1,"cells":2,"chain":1,"chair":1,"chalk":1,"champ":1,"chant":1,
"chaos":1,"charm":1,"chart":1,"chase":1,"chasm":1,"cheap":1,"cheat":1,"check":2,"cheek":2,"cheer":2,"chefs":1,"chess":2,"chest":1,"chick":2,
"chief":1,"child":1,"chili":2,"chill":2,"chime":1,"chimp":1,"china":1,"chips":1,"chirp":1,"choir":1,"choke":1,"chord":1,"chore":1,"chose":1,
"chunk":1,"churn":1,"chute":1,"cider":1,"cigar":1,"cinch":2,"circa":2,"cited":1,"civic":2,"civil":2,"claim":1,"clamp":1,"clams":1,"clang":1,
"clash":1,"clasp":1,"class":2,"claws":1,"clean":1,"clear":1,"clerk":1,"click":2,"cliff":2,"climb":1,"cling":1,"cloak":1,"clock":2,"clone":1,
"close":1,"cloth":1,"cloud":1,"clove":1,"clown":1,"clubs":1,"cluck":2,"clues":1,"clump":1,"coach":2,"coals":1,"coast":1,"coats":1,"cobra":1,
"cocoa":2,"codes":1,"coils":1,"coins":1,"colds":1,"colon":2,"color":2,"colts":1,"combs":1,"comes":1,"comet":1,"comic":2,"comma":2,"coral":1,
"cores":1,"corks":1,"corny":1,"costs":2,"couch":2,"cough":1,"could":1,"count":1,"coupe":1,"court":1,"cover":1,"crabs":1,"craft":1,"cramp":1,
"crane":1,"crank":1,"crash":1,"crate":1,"crawl":1,"craze":1,"crazy":1,"creak":1,"cream":1,"creek":2,"creep":2,"crepe":2,"crept":1,"crest":1,
"crews":1,"cried":1,"crime":1,"crisp":1,"croak":1,"crook":2,"crops":1,"cross":2,"crowd":1,"crown":1,"crows":1,"crude":1,"cruel":1,"crumb":1,
"crush":1,"crust":1,"crypt":1,"cubes":1,"cubic":2,"curbs":1,"cured":1,"curls":1,"curly":1,"curry":2,"curse":1,"curve":1,"cycle":2,"cynic":2,
"daily":1,"dairy":1,"daisy":1,"dance":1,"dared":2,"dated":2,"dates":1,"deals":1,"dealt":1,"debit":1,"debut":1,"decay":1,"decor":1,"decoy":1,
"defer":2,"deity":1,"delay":1,"delta":1,"delve":2,"dense":2,"depot":1,"depth":1,"derby":1,"desks":2,"deter":2,"devil":1,"dials":1,"diary":1,
"diced":2,"digit":2,"dimly":1,"dined":2,"diner":1,"dirty":1,"disco":1,"discs":2,"ditch":1,"ditto":2,"diver":1,"dives":1,"dizzy":2,"docks":1,
"dodge":2,"doing":1,"dolls":2,"donor":2,"donut":1,"doors":2,"doubt":1,"dough":1,"dozed":2,"dozen":1,"draft":1,"drain":1,"drake":1,"drama":2,
"drank":1,"drape":1,"drawn":1,"draws":1,"dread":2,"dream":1,"dress":2,"dried":2,"drier":2,"drift":1,"drill":2,"drink":1,"drips":1,"drive":1,
"drone":1,"drool":2,"droop":2,"drops":1,"drove":1,"drown":1,"drums":1,"drunk":1,"dryer":2,"dryly":2,"ducks":1,"duels":1,"dummy":2,"dumps":1,
"dusky":1,"dusty":1,"duvet":1,"dwarf":1,"dwell":2,"dying":1,"eager":2,"eagle":2,"early":1,"earns":1,"earth":1,"eased":2,"easel":2,"eaten":2,
"eater":2,"ebony":1,"edged":2,"edges":2,"edict":1,"eerie":2,"eight":1,"eject":2,"elbow":1,"elder":2,"elect":2,"elite":2,"elope":2,"elude":2,
"email":1,"ember":2,"empty":1,"enact":1,"ended":2,"enemy":2,"enjoy":1,"enter":2,"entry":1,"envoy":1,"epics":1,"epoch":1,"equal":1,"equip":1,
"erase":2,"erect":2,"erode":2,"error":2,"erupt":1,"essay":2,"ether":2,"ethic":1,"evade":2,"event":2,"every":2,"exact":1,"exams":1,"excel":2,
"exert":2,"exile":2,"exist":1,"exits":1,"extra":1,"exult":1,"fable":1,"faced":1,"faces":1,"facet":1,"facts":1,"faded":2,"fails":1,"faint":1,
"fairy":1,"faith":1,"falls":2,"false":1,"famed":1,"fancy":1,"farce":1,"farms":1,"fatal":2,"fatty":2,"fault":1,"favor":1,"fears":1,"feast":1,
"feeds":2,"feels":2,"fence":2,"ferns":1,"ferry":2,"fetch":1,"fever":2,"fewer":2,"fiber":1,"field":1,"fiend":1,"fiery":1,"fifth":2,"fifty":2,
"fight":1,"filed":1,"files":1,"fills":2,"filly":2,"films":1,"filmy":1,"filth":1,"final":1,"finds":1,"fines":1,"fired":1,"fires":1,"firms":1,
"first":1,"fishy":1,"fists":2,"fixed":1,"fixes":1,"fizzy":2,"flags":1,"flair":1,"flake":1,"flaky":1,"flame":1,"flank":1,"flare":1,"flash":1,
"flask":1,"flats":1,"flaws":1,"fleet":2,"flesh":1,"flick":1,"flier":1,"flies":1,"fling":1,"flint":1,"flips":1,"float":1,"flock":1,"flood":2,
"floor":2,"flops":1,"flora":1,"floss":2,"flour":1,"flown":1,"flows":1,"fluff":2,"fluid":1,"fluke":1,"flung":1,"flush":1,"flute":1,"foamy":1,
"focal":1,"focus":1,"foggy":2,"folds":1,"folly":2,"foods":2,"foray":1,"force":1,"forge":1,"forgo":2,"forks":1,"forms":1,"forte":1,"forth":1,
"forts":1,"forty":1,"forum":1,"found":1,"foxes":1,"foyer":1,"frail":1,"frame":1,"frank":1,"fraud":1,"freak":1,"freed":2,"fresh":1,"friar":2,
"fried":1,"fries":1,"frill":2,"frisk":1,"frock":1,"frogs":1,"front":1,"frost":1,"froth":1,"frown":1,"froze":1,"fruit":1,"fudge":1,"fuels":1,
"fully":2,"fumes":1,"fungi":1,"funky":1,"funny":2,"furry":2,"fused":1,"fussy":2,"fuzzy":2,"gains":1,"games":1,"gamma":2,"gases":2,"gates":1,
"gauge":2,"gaunt":1,"gauze":1,"gavel":1,"gazed":1,"gears":1,"gecko":1,"geese":2,"genes":2,"genie":2,"genre":2,"ghost":1,"giant":1,"giddy":2,
"gifts":1,"girls":1,"given":1,"giver":1,"gives":1,"glade":1,"gland":1,"glare":1,"glass":2,"glaze":1,"gleam":1,"glean":1,"glide":1,"glint":1,
"globe":1,"gloom":2,"glory":1,"gloss":2,"glove":1,"glows":1,"glued":1,"goals":1,"goats":1,"going":2,"goods":2,"goofy":2,"goose":2,"gorge":2,
"grace":1,"grade":1,"grain":1,"grams":1,"grand":1,"grant":1,"grape":1,"graph":1,"grasp":1,"grass":2,"grate":1,"grave":1,"gravy":1,"graze":1,
"great":1,"greed":2,"green":2,"greet":2,"grief":1,"grill":2,"grime":1,"grimy":1,"grind":1,"grips":1,"groan":1,"groin":1,"groom":2,"grope":1,
"gross":2,"group":1,"grove":1,"growl":1,"grown":1,"grows":1,"gruel":1,"gruff":2,"grunt":1,"guard":1,"guava":2,"guess":2,"guest":1,"guide":1,
"guild":1,"guilt":1,"guise":1,"gummy":2,"gusty":1,"habit":1,"hairs":1,"hairy":1,"halls":2,"hands":1,"handy":1,"happy":2,"hardy":1,"harms":1,
"harsh":2,"haste":1,"hasty":1,"hatch":2,"hated":1,"haunt":1,"haven":1,"havoc":1,"hawks":1,"hazel":1,"heads":1,"heaps":1,"heard":1,"heart":1,
"heats":1,"heavy":1,"hedge":2,"heels":2,"hefty":1,"heirs":1,"helix":1,"hello":2,"helps":1,"hence":2,"herbs":1,"heron":1,"hides":1,"highs":2,
"hiked":1,"hiker":1,"hikes":1,"hills":2,"hilly":2,"hinge":1,"hints":1,"hippo":2,"hired":1,"hobby":2,"hoist":1,"holds":1,"holes":1,"holly":2,
"homes":1,"honey":1,"honor":2,"hooks":2,"hoops":2,"hopes":1,"horns":1,"horse":1,"hotel":1,"hound":1,"hours":1,"house":1,"hover":1,"huffy":2,
"human":1,"humid":1,"humor":1,"hunch":2,"hunts":1,"hurry":2,"hurts":1,"husky":1,"hutch":2,"hydro":1,"hyena":1,"icing":2,"icons":1,"ideal":1,
"ideas":1,"idler":1,"idles":1,"idols":1,"igloo":2,"image":1,"imply":1,"inbox":1,"incur":1,"index":1,"inept":1,"inert":1,"infer":1,"ingot":1,
"inlay":1,"inlet":1,"inner":2,"input":1,"inter":1,"intro":1,"irons":1,"irony":1,"issue":2,"itchy":1,"items":1,"ivory":1,"jaunt":1,"jazzy":2,
"jeans":1,"jelly":2,"jerky":1,"jewel":2,"joins":1,"joint":1,"joked":1,"joker":1,"jokes":1,"jolly":2,"judge":1,"juice":1,"juicy":1,"jumbo":1,
"jumpy":1,"juror":2,"karma":2,"kayak":2,"kebab":2,"keeps":2,"kicks":2,"kinds":1,"kings":1,"kiosk":2,"kites":1,"kitty":2,"knack":2,"knead":1,
"kneel":2,"knees":2,"knelt":1,"knife":1,"knock":2,"knots":1,"known":2,"knows":1,"koala":2,"label":2,"labor":1,"laced":1,"laces":1,"lacks":1,
"ladle":2,"lakes":1,"lamps":1,"lance":1,"lands":1,"lanes":1,"lapel":2,"lapse":1,"large":1,"larva":2,"laser":1,"lasso":2,"lasts":2,"latch":1,
"later":1,"latte":2,"laugh":1,"layer":1,"leads":1,"leafy":1,"leaks":1,"leaky":1,"leaps":1,"learn":1,"lease":2,"leash":1,"least":1,"leave":2,
"ledge":2,"legal":2,"lemon":1,"level":2,"lever":2,"light":1,"liked":1,"likes":1,"lilac":2,"limbs":1,"limit":2,"lined":1,"linen":2,"liner":1,
"lines":1,"lingo":1,"links":1,"liter":1,"lived":1,"liver":1,"lives":1,"llama":2,"loads":1,"loans":1,"lobby":2,"local":2,"locks":1,"lodge":1,
"lofty":1,"logic":1,"loose":2,"lords":1,"lorry":2,"loser":1,"loses":2,"lotus":1,"loved":1,"lover":1,"loves":1,"lower":1,"loyal":2,"lucid":1,
"lucky":1,"lumps":1,"lumpy":1,"lunar":1,"lunch":1,"lunge":1,"lungs":1,"lured":1,"lying":1,"lyric":1,"macho":1,"macro":1,"magic":1,"major":1,
"maker":1,"makes":1,"males":1,"mango":1,"mania":2,"manor":1,"maple":1,"march":1,"marks":1,"marry":2,"marsh":1,"masks":2,"match":1,"mates":1,
"maths":1,"mauve":1,"maxim":2,"maybe":1,"mayor":1,"meals":1,"means":1,"meant":1,"meats":1,"medal":1,"media":1,"medic":1,"melon":1,"mercy":1,
"merge":2,"merit":1,"merry":2,"messy":2,"metal":1,"meter":2,"metro":1,"micro":1,"midst":1,"might":1,"miles":1,"milky":1,"mills":2,"mimic":2,
"mince":1,"minds":1,"mined":1,"miner":1,"mines":1,"minor":1,"mints":1,"minus":1,"mirth":1,"misty":1,"mixed":1,"mixer":1,"mocha":1,"modal":1,
"model":1,"modem":2,"modes":1,"moist":1,"molar":1,"molds":1,"moldy":1,"moles":1,"money":1,"monks":1,"month":1,"moods":2,"moody":2,"moose":2,
"moral":1,"mossy":2,"motel":1,"motif":1,"motor":2,"motto":2,"mound":1,"mount":1,"mourn":1,"mouse":1,"mouth":1,"moved":1,"mover":1,"moves":1,
"movie":1,"mowed":1,"mower":1,"muddy":2,"mulch":1,"mummy":2,"mural":1,"murky":1,"music":1,"musty":1,"muted":1,"nacho":1,"nails":1,"naive":1,
"named":1,"names":1,"nanny":2,"nasal":2,"nasty":1,"naval":2,"navel":1,"nears":1,"necks":1,"needs":2,"needy":2,"nerve":2,"never":2,"newer":2,
"newly":1,"nicer":1,"niche":1,"niece":2,"night":1,"ninja":2,"ninth":2,"noble":1,"noise":1,"noisy":1,"nomad":1,"north":1,"notch":1,"noted":1,
"notes":1,"novel":1,"nudge":1,"nurse":1,"nutty":2,"nylon":2,"nymph":1,"oaken":1,"oasis":2,"occur":2,"ocean":1,"octet":2,"odder":2,"oddly":2,
"offer":2,"often":1,"oiled":1,"olive":1,"omega":1,"onion":2,"onset":1,"oozed":2,"opens":1,"opera":1,"optic":1,"orbit":1,"order":2,"organ":1,
"other":1,"otter":2,"ought":1,"ounce":1,"outdo":2,"outer":1,"ovens":1,"overt":1,"owing":1,"owned":1,"owner":1,"oxide":1,"ozone":2,"paced":1,
"packs":1,"paddy":2,"pages":1,"paint":1,"palms":1,"panda":2,"panel":1,"panic":1,"pants":1,"paper":2,"parks":1,"parse":1,"parts":1,"party":1,
"pasta":2,"paste":1,"patch":1,"paths":1,"patio":1,"pause":1,"paved":1,"peace":2,"peach":1,"peaks":1,"pearl":1,"pears":1,"pecan":1,"pedal":1,
"penal":1,"pence":2,"penny":2,"perch":1,"peril":1,"perky":1,"pesky":1,"petal":1,"petty":2,"phase":1,"phone":1,"photo":2,"piano":1,"picks":1,
"piece":2,"piers":1,"piggy":2,"pilot":1,"pinch":1,"pines":1,"pipes":2,"pitch":1,"pivot":1,"pixel":1,"pizza":2,"place":1,"plaid":1,"plain":1,
"plane":1,"plank":1,"plans":1,"plant":1,"plate":1,"plaza":2,"plead":1,"pleat":1,"pluck":1,"plumb":1,"plume":1,"plump":2,"plush":1,"poems":1,
"point":1,"poise":1,"poked":1,"poker":1,"polar":1,"poles":1,"polka":1,"polyp":2,"pools":2,"poppy":2,"porch":1,"ports":1,"posed":1,"poses":2,
"posts":2,"pouch":1,"pound":1,"pours":1,"power":1,"prank":1,"prawn":1,"press":2,"price":1,"prick":1,"pride":1,"prime":1,"print":1,"prior":2,
"prism":1,"privy":1,"prize":1,"probe":1,"prone":1,"prong":1,"proof":2,"props":2,"prose":1,"proud":1,"prove":1,"prowl":1,"proxy":1,"prune":1,
"psalm":1,"pulls":2,"pulse":1,"pumps":2,"punch":1,"pupil":2,"puppy":2,"puree":2,"purer":2,"purge":1,"purse":1,"quack":1,"quail":1,"quake":1,
"qualm":1,"quart":1,"quash":1,"queen":2,"query":1,"quest":1,"queue":2,"quick":1,"quiet":1,"quill":2,"quilt":1,"quirk":1,"quite":1,"quota":1,
"quote":1,"rabbi":2,"raced":1,"racer":2,"races":1,"racks":1,"radar":2,"radii":2,"radio":1,"rafts":1,"raged":1,"rails":1,"rainy":1,"raise":1,
"rally":2,"ranch":1,"range":1,"ranks":1,"rapid":1,"rated":1,"rates":1,"ratio":1,"raven":1,"reach":1,"react":1,"reads":1,"ready":1,"realm":1,
"rebel":2,"rebus":1,"recap":1,"recur":2,"reeds":2,"refer":2,"refit":1,"regal":1,"rehab":1,"reign":1,"relax":1,"relay":1,"relic":1,"remit":1,
"renew":2,"repay":1,"repel":2,"reply":1,"rerun":2,"reset":2,"resin":1,"retry":2,"reuse":2,"rhino":1,"rhyme":1,"rider":2,"rides":1,"ridge":1,
"rifle":1,"right":1,"rigid":2,"rigor":2,"rings":1,"rinse":1,"ripen":1,"risen":1,"riser":2,"risks":2,"risky":1,"rival":1,"river":2,"roads":1,
"roars":2,"roast":1,"robes":1,"robin":1,"robot":2,"rocks":1,"rocky":1,"rodeo":2,"rogue":1,"roles":1,"rolls":2,"rooms":2,"roomy":2,"roost":2,
"roots":2,"ropes":1,"roses":2,"rotor":2,"rough":1,"round":1,"rouse":1,"route":1,"rover":2,"rowdy":1,"royal":1,"ruddy":2,"rugby":1,"ruins":1,
"ruled":1,"ruler":2,"rules":1,"rumor":2,"rural":2,"rusty":1,"sadly":1,"safer":1,"safes":2,"saint":1,"salad":2,"sales":2,"salon":1,"salsa":2,
"salty":1,"salve":1,"sandy":1,"satin":1,"sauce":1,"sauna":2,"saved":1,"saves":2,"savor":1,"savvy":2,"scald":1,"scale":1,"scalp":1,"scaly":1,
"scamp":1,"scare":1,"scarf":1,"scary":1,"scene":2,"scent":1,"scold":1,"scone":1,"scoop":2,"scope":1,"score":1,"scorn":1,"scour":1,"scout":1,
"scowl":1,"scrap":1,"screw":1,"scrub":1,"seals":2,"seams":2,"seats":2,"sedan":1,"seeds":2,"seeks":2,"seems":2,"seize":2,"sells":2,"sense":2,
"serum":1,"serve":2,"setup":1,"seven":2,"sever":2,"shade":1,"shady":1,"shaft":1,"shake":1,"shaky":1,"shall":2,"shame":1,"shape":1,"share":1,
"shark":1,"sharp":1,"shave":1,"shawl":1,"sheen":2,"sheep":2,"sheer":2,"sheet":2,"shelf":1,"shell":2,"shift":1,"shine":1,"shiny":1,"shirt":1,
"shoal":1,"shock":1,"shone":1,"shook":2,"shoot":2,"shore":1,"short":1,"shout":1,"shove":1,"shown":1,"showy":1,"shred":1,"shrub":1,"shrug":1,
"shunt":1,"sided":2,"siege":2,"sieve":2,"sight":1,"silky":1,"silly":2,"since":1,"sinew":1,"singe":1,"siren":1,"sixth":1,"sixty":1,"sized":1,
"skate":1,"skill":2,"skirt":1,"skull":2,"skunk":2,"slack":1,"slain":1,"slang":1,"slant":1,"slate":1,"sleek":2,"sleep":2,"sleet":2,"slept":1,
"slice":1,"slick":1,"slide":1,"slime":1,"slimy":1,"sling":1,"slope":1,"slump":1,"slush":2,"small":2,"smart":1,"smash":2,"smear":1,"smell":2,
"smelt":1,"smile":1,"smirk":1,"smith":1,"smock":1,"smoke":1,"smoky":1,"snack":1,"snail":1,"snake":1,"snare":1,"snarl":1,"sneak":1,"sneer":2,
"sniff":2,"snore":1,"snort":1,"snout":1,"snowy":1,"snuff":2,"soapy":1,"sober":1,"soggy":2,"solar":1,"solid":1,"solve":1,"sonar":1,"sonic":1,
"sorry":2,"sound":1,"south":1,"space":1,"spade":1,"spare":1,"spark":1,"spawn":1,"speak":1,"spear":1,"speck":1,"speed":2,"spell":2,"spend":1,
"spent":1,"spice":1,"spicy":1,"spied":1,"spike":1,"spiky":1,"spill":2,"spine":1,"spiny":1,"spire":1,"spite":1,"split":1,"spoil":1,"spoke":1,
"spoof":2,"spool":2,"spoon":2,"sport":1,"spout":1,"spray":1,"spree":2,"sprig":1,"spurt":1,"squad":1,"squat":1,"squid":1,"stack":1,"staff":2,
"stage":1,"stain":1,"stair":1,"stake":1,"stale":1,"stalk":1,"stall":2,"stamp":1,"stand":1,"stare":1,"start":2,"stash":2,"state":2,"steak":1,
"steal":1,"steam":1,"steel":2,"steep":2,"steer":2,"stern":1,"stick":1,"stiff":2,"still":2,"stilt":2,"sting":1,"stink":1,"stint":2,"stock":1,
"stoic":1,"stole":1,"stomp":1,"stone":1,"stony":1,"stood":2,"stool":2,"stoop":2,"store":1,"stork":1,"storm":1,"story":1,"stout":2,"stove":1,
"strap":1,"straw":1,"stray":1,"strip":1,"strut":2,"stuck":1,"study":1,"stuff":2,"stump":1,"stung":1,"stunt":2,"style":1,"suave":1,"sugar":1,
"suite":1,"sulky":1,"sunny":2,"super":1,"surge":1,"surly":1,"sushi":2,"swamp":1,"swarm":1,"swear":1,"sweat":1,"sweep":2,"sweet":2,"swell":2,
"swept":1,"swift":1,"swine":1,"swing":1,"swipe":1,"swirl":1,"sword":1,"swore":1,"sworn":1,"swung":1,"syrup":1,"table":1,"taboo":2,"tacit":2,
"tacky":1,"taffy":2,"taken":1,"taker":1,"tally":2,"talon":1,"tamed":1,"tango":1,"tangy":1,"taper":1,"tardy":1,"taste":2,"tasty":2,"taunt":2,
"taxed":1,"teach":1,"tease":2,"teddy":2,"teeth":2,"tempo":1,"tempt":2,"tenor":1,"tense":2,"tenth":2,"tepid":1,"terse":2,"thank":1,"theft":2,
"their":1,"theme":2,"there":2,"these":2,"thick":1,"thief":1,"thigh":2,"thing":1,"think":1,"third":1,"thorn":1,"those":1,"three":2,"threw":1,
"throb":1,"throw":1,"thumb":1,"thump":1,"tidal":1,"tiger":1,"tight":2,"tiled":1,"timed":1,"timer":1,"timid":2,"tipsy":1,"tired":1,"titan":2,
"title":2,"toast":2,"today":1,"token":1,"toned":1,"tonic":1,"tooth":2,"topaz":1,"topic":1,"torch":1,"torso":2,"total":2,"totem":2,"touch":1,
"tough":1,"towed":1,"towel":1,"tower":1,"toxic":1,"toxin":1,"trace":1,"track":1,"tract":2,"trade":1,"trail":1,"train":1,"trait":2,"trash":1,
"tread":1,"treat":2,"trend":1,"trial":1,"tribe":1,"trick":1,"tried":1,"trite":2,"troll":2,"troop":2,"trout":2,"truce":1,"truck":1,"truly":1,
"trump":1,"trunk":1,"trust":2,"truth":2,"tulip":1,"tummy":2,"tuned":1,"tuner":1,"tunic":1,"turbo":1,"tutor":2,"twang":1,"tweak":1,"tweed":2,
"tweet":2,"twice":1,"twine":1,"twirl":1,"twist":2,"tying":1,"udder":2,"ulcer":1,"ultra":1,"uncle":1,"uncut":2,"under":1,"undid":2,"undue":2,
"unfit":1,"unify":1,"union":2,"unite":1,"unity":1,"untie":1,"until":1,"upper":2,"upset":1,"urban":1,"urged":1,"usage":1,"usher":1,"using":1,
"usual":2,"utter":2,"vague":1,"valet":1,"valid":1,"value":1,"valve":2,"vapor":1,"vault":1,"venom":1,"venue":2,"verge":2,"verse":2,"vicar":1,
"video":1,"villa":2,"vinyl":1,"viola":1,"viper":1,"viral":1,"virus":1,"visit":2,"visor":1,"vista":1,"vital":1,"vivid":2,"vocal":1,"vodka":1,
"vogue":1,"voice":1,"voted":1,"voter":1,"vouch":1,"vowed":1,"vowel":1,"vying":1,"wacky":1,"waded":2,"wafer":1,"waged":1,"wager":1,"wagon":1,
"waist":1,"waive":1,"waltz":1,"waste":1,"watch":1,"water":1,"waved":1,"waver":1,"weary":1,"weave":2,"wedge":2,"weigh":1,"weird":1,"whale":1,
"wharf":1,"wheat":1,"wheel":2,"where":2,"which":2,"whiff":2,"while":1,"whine":1,"whirl":1,"whisk":1,"white":1,"whole":1,"whose":1,"widen":1,
"wider":1,"widow":2,"width":1,"wield":1,"windy":1,"wiped":1,"wired":1,"wiser":1,"witch":1,"witty":2,"woken":1,"woman":1,"women":1,"woody":2,
"wooly":2,"wordy":1,"world":1,"worry":2,"worse":1,"worst":1,"worth":1,"would":1,"wound":1,"woven":1,"wrath":1,"wreck":1,"wrist":1,"write":1,
"wrong":1,"wrote":1,"yacht":1,"yearn":1,"yeast":1,"yield":1,"yodel":1,"young":1,"youth":1,"yummy":2,"zebra":1,"zesty":1};

# Of a guess in which no letter is twice the marks are simple.
def marks_of($hidden; $kind):
  if $kind == 2 then marks($hidden)
  else explode as $g | ($hidden | explode) as $h
    | [range(5) | if $g[.] == $h[.] then 61 elif $h[[$g[.]]] == [] then 45 else 43 end] | implode
  end;

def left($n): if $n == 1 then "1 guess left" else ($n | tostring) + " guesses left" end;

def reset:
  (words | keys) as $all
  | {state: {hidden: $all[.seed | generator | below($all | length)], left: .options.guesses, won: false, guesses: []},
     observation: left(.options.guesses)};

def step:
  .state as $state | .action.args.word as $word | words[$word] as $kind
  | if $kind == null then refused($state; if ($word | length) == 5 then "not in the list of words\n" else "not a word of five letters\n" end)
    else ($word == $state.hidden) as $won | ($state.left - 1) as $left
      | {state: {hidden: $state.hidden, left: $left, won: $won, guesses: ($state.guesses + [$word])}, terminated: ($won or $left == 0),
         observation: ($word + "\n" + ($word | marks_of($state.hidden; $kind)) + "\n" + left($left))}
    end;

# A row for each guess, and the letters that can still be in the word.
def render:
  .state as $state
  | ([$state.guesses[] | letters] | add // [] | unique - ($state.hidden | letters)) as $out
  | ([$state.guesses[]
       | [., marks($state.hidden)] | map(letters) | transpose
       | map((.[0] | ascii_upcase) as $letter | if .[1] == "=" then "[\($letter)]" elif .[1] == "+" then "(\($letter))" else " \($letter) " end)]
     + [range($state.left) | [range(5) | " · "]] | map(join(" ")))
    + ["", "[ ] in its place   ( ) elsewhere",
       if $state.won then "" elif $state.left == 0 then "it was \($state.hidden | ascii_upcase)"
       else "not ruled out: " + ("abcdefghijklmnopqrstuvwxyz" | letters - $out | add) end]
  | join("\n");

# Guesses a word that fits all marks until it is the hidden one; a sixth guess, should it come to that, is lucky.
def generate:
  reset.state.hidden as $hidden | (.seed | generator | shuffled(words | keys)[1]) as $all
  | def play($words; $guess; $left):
      $guess, if $guess == $hidden then empty
        else ($guess | marks($hidden)) as $marks | [$words[] | select(. != $guess) | . as $word | select(($guess | marks($word)) == $marks)] as $fit
          | play($fit; if $left == 2 then $hidden else $fit[0] end; $left - 1) end;
  {solution: [play($all; "arise"; .options.guesses) | {tool: "guess", args: {word: .}}]};
